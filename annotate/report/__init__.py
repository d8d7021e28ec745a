"""Results as documents: HTML that needs no network and runs no script, Markdown, JSON. Pure: values in, text out."""
