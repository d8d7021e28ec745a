"""Article-aware classification: features of a sentence in its page, honest evaluation, models as data."""
