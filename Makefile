# The targets set up what they need and keep it; see docs/operator.md.
PYTHON ?= python3
BOOTSTRAP = @$(PYTHON) scripts/bootstrap.py

.PHONY: run test check bench day lock screenshots clean

run:
	$(BOOTSTRAP) run

test:
	$(BOOTSTRAP) test $(ARGS)

check:
	$(BOOTSTRAP) check

bench:
	$(BOOTSTRAP) bench $(ARGS)
	.venv/bin/python -m bench.statistics
	.venv/bin/python -m bench.analysis
	.venv/bin/python -m bench.check_ins
	.venv/bin/python -m bench.tracing
	.venv/bin/python -m bench.imports

day:
	$(BOOTSTRAP) day $(ARGS)

screenshots:
	.venv/bin/python -m tests.browser.screenshots $(if $(ADDRESS),--address $(ADDRESS)) $(if $(FOLDER),--folder $(FOLDER)) \
		$(if $(ONLY),--only $(ONLY))

lock:
	@$(PYTHON) scripts/lock.py

clean:
	rm -rf web/dist web/node_modules .venv
