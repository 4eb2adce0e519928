# The targets set up what they need and keep it; see docs/operator.md.
PYTHON ?= python3
BOOTSTRAP = @$(PYTHON) scripts/bootstrap.py

.PHONY: run test check bench lock screenshots clean

run:
	$(BOOTSTRAP) run

test:
	$(BOOTSTRAP) test $(ARGS)

check:
	$(BOOTSTRAP) check

bench:
	$(BOOTSTRAP) bench $(ARGS)

screenshots:
	.venv/bin/python -m tests.browser.screenshots $(or $(ADDRESS),http://127.0.0.1:$(or $(PORT),8000)) docs/images

lock:
	@$(PYTHON) scripts/lock.py

clean:
	rm -rf web/dist web/node_modules .venv
