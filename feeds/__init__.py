"""What comes in by itself: pages and feeds, fetched with care. Knows nothing of Telegram."""
