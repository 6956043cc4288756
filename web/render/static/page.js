// Search while typing, and Telegram's Mini App. The page is complete without this script.
"use strict";

const PAUSE_MS = 250;
const SETTLED_MS = 3000; // after which results that stand were read, and the search counts as one
const TELEGRAM_SCRIPT = "https://telegram.org/js/telegram-web-app.js";

function searchWhileTyping(form) {
  const field = form.elements.q;
  const results = document.getElementById("results");
  let timer = 0;
  let latest = null;
  let shown = field.value.trim();
  let settled = shown; // what the server has in its log

  async function show(settling = false) {
    const asked = field.value.trim();
    if (!asked || (settling ? asked === settled || asked !== shown : asked === shown)) return;
    latest?.abort();
    latest = new AbortController();
    const query = new URLSearchParams(new FormData(form));
    results.classList.add("waiting");
    try {
      const address = `${form.action}?${query}&part=1${settling ? "&settled=1" : ""}`;
      const response = await fetch(address, { signal: latest.signal });
      if (!response.ok) return;
      if (settling) {
        settled = asked;
        return;
      }
      results.innerHTML = await response.text(); // our own server's HTML, escaped there
      shown = asked;
      showShareButtons();
      timer = setTimeout(() => show(true), SETTLED_MS);
      history.replaceState(null, "", `${form.action}?${query}`);
    } catch (error) {
      if (error.name !== "AbortError") return; // without a network the form still sends
    } finally {
      results.classList.remove("waiting");
    }
  }

  field.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(() => show(), PAUSE_MS);
  });
  field.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show(), PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    if (field.value.trim() !== settled || !settled) return;
    event.preventDefault(); // it is shown and logged; the phone's keyboard goes
    field.blur();
  });
}

function insideTelegram() {
  return location.hash.includes("tgWebAppData=") || sessionStorage.getItem("__telegram__initParams") !== null;
}

function openInTelegram() {
  const script = document.createElement("script");
  script.src = TELEGRAM_SCRIPT;
  script.addEventListener("load", () => startMiniApp(window.Telegram.WebApp));
  document.head.append(script);
}

function showShareButtons() {
  if (!document.documentElement.classList.contains("telegram")) return;
  for (const button of document.querySelectorAll("[data-share]")) button.hidden = false;
}

// News come to the chat with the bot, which may be one that this person has never opened.
function askToWrite(app, event) {
  const form = event.target;
  if (!form.matches("[data-bell]") || app.initDataUnsafe?.user?.allows_write_to_pm || !app.requestWriteAccess) return;
  event.preventDefault();
  app.requestWriteAccess(() => form.submit());
}

async function startMiniApp(app) {
  document.documentElement.classList.add("telegram");
  document.documentElement.style.colorScheme = app.colorScheme;
  app.ready();
  app.expand();
  if (location.pathname === "/") {
    app.BackButton.hide();
  } else {
    app.BackButton.show();
    app.BackButton.onClick(() => (history.length > 1 ? history.back() : location.assign("/")));
  }
  showShareButtons();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-share]");
    if (button) app.switchInlineQuery(button.dataset.share, ["users", "groups", "channels"]);
    const link = event.target.closest("a[href]");
    if (!link || link.host === location.host) return;
    event.preventDefault(); // it would take the Mini App's place
    if (link.host === "t.me") app.openTelegramLink(link.href);
    else app.openLink(link.href);
  });
  document.addEventListener("submit", (event) => askToWrite(app, event));
  if (app.initData && !document.documentElement.dataset.viewer) {
    const sent = sessionStorage.getItem("zhidian-entered") === app.initData;
    if (!sent) {
      sessionStorage.setItem("zhidian-entered", app.initData);
      const body = new URLSearchParams({ init_data: app.initData });
      const response = await fetch("/session", { method: "POST", body });
      if (response.ok) location.reload();
    }
  }
}

const form = document.querySelector("form[data-live]");
if (form) searchWhileTyping(form);
try {
  if (insideTelegram()) openInTelegram();
} catch {
  // without storage, which some browsers forbid in frames, it is a page like any other
}
