"""bench/many: trees copied, many files loaded and saved, lines appended, beside cp and plain Python."""
