"""How fast signrules is beside its peers: `python -m benchmarks` writes docs/benchmarks.md and its chart."""
