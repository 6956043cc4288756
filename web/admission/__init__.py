"""Who may look, and how often: a request goes in and is refused or goes on. Knows no page."""
