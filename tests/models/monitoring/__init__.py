"""Tests of models.monitoring."""
