"""The pages: what they are made from (`content`), their sentences, tables, pictures and findings, and the two pages."""
