"""Sentences and labels as files that other tools read and write."""
