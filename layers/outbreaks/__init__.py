"""The epidemic at work: reports of cases, samples, and what is computed from them."""
