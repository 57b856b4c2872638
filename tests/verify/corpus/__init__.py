"""Writes signed PDF files byte by byte, good ones and attacked ones, each with the verdict that it must get."""
