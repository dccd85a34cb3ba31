"""Authmint with the libraries and frameworks of Python."""
