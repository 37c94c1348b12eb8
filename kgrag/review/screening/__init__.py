"""Which record a screener reads next, and how many that matter are still unread."""
