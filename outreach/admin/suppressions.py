"""Who is never texted."""
