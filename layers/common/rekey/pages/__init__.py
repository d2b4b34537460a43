"""The hosted pages: files rendered in a language, in a company's colour."""
