"""Runs the text scripts of this folder. README.md describes the language."""
