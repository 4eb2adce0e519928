"""The demo: synthetic data on the province's real geography, the same for the same seed."""

from layers.demo.load import DemoRefused, DemoResult, load_demo

__all__ = ["DemoRefused", "DemoResult", "load_demo"]
