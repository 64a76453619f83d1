"""Pages, JSON and sitemaps read as feeds, as recipes say; and recipes proposed for a page. Pure."""
