# One line each; bin/ holds the how.
.PHONY: run test test-all lint fmt lock
run:
	@./bin/run
test:
	@./bin/test
test-all:
	@./bin/test-all
lint:
	@./bin/lint
fmt:
	@./bin/fmt
lock:
	@./bin/lock
