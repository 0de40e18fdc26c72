"""``panoenv study``: one file from a model to a page, made of the project's own commands."""
