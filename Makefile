# The two commands of the README, and what they are made of. Everything is built below .build.

SWIFT ?= swift
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# Fully static: one file that starts in under a millisecond and runs on any Linux of this architecture.
STATIC := --static-swift-stdlib -Xswiftc -static-executable
RELEASE := .build/release
COMPARE_SIZE ?= 1G
COMPARE_DIR := .build/compare

.PHONY: compare test build release deps test-deps lint check-portable examples bench bench-deps bench-quick clean \
  help

help:
	@echo "make compare   which engine copies a $(COMPARE_SIZE) file fastest on this machine"
	@echo "make test      the tests"
	@echo "make release   static release builds of uringcp and uringtool, in $(RELEASE)"
	@echo "make bench     the benchmarks against the other tools (root; an hour and more)"
	@echo "make bench-quick   the same in a few minutes, to try and not to quote"
	@echo "make bench-micro   what each piece costs in instructions, beside the stored baseline"
	@echo "make lint      the format lint;  make check-portable, make examples: what CI checks besides"

# What a build needs beside Swift.
deps:
	@[ -f /usr/include/liburing.h ] && [ -n "$$(find /usr/lib* -name liburing.a -print -quit 2>/dev/null)" ] \
	  || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq liburing-dev; }

# The tests' own tools; a test whose tool is missing is skipped and says so.
test-deps: deps
	@missing=""; \
	for pair in fusermount3:fuse3 mkfs.xfs:xfsprogs mkfs.btrfs:btrfs-progs setfattr:attr setfacl:acl rsync:rsync setcap:libcap2-bin pkg-config:pkg-config chromium:chromium python3:python3 pip3:python3-pip; do \
	  command -v $${pair%%:*} >/dev/null 2>&1 || [ -x /sbin/$${pair%%:*} ] || [ -x /usr/sbin/$${pair%%:*} ] \
	    || missing="$$missing $${pair##*:}"; done; \
	[ -f /usr/include/fuse3/fuse.h ] || missing="$$missing libfuse3-dev"; \
	[ -z "$$missing" ] || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq $$missing; }
	@[ -f .build/axe/axe_playwright_python/axe.min.js ] \
	  || pip3 install -q --no-deps --target .build/axe axe-playwright-python 2>/dev/null \
	  || echo "axe-core is not to be had: the page's accessibility is checked without it"

build: deps
	$(SWIFT) build

release: deps
	$(SWIFT) build -c release $(STATIC) --product uringcp
	$(SWIFT) build -c release $(STATIC) --product uringtool

compare: release
	@mkdir -p $(COMPARE_DIR)
	@trap 'rm -rf $(COMPARE_DIR)' EXIT INT TERM; \
	  head -c $(COMPARE_SIZE) /dev/urandom > $(COMPARE_DIR)/big.dat && \
	  $(RELEASE)/uringtool compare copy $(COMPARE_DIR)/big.dat

test: test-deps
	PYTHONDONTWRITEBYTECODE=1 python3 -m unittest bench.scaling.test_model bench.micro.test_comparison
	$(SWIFT) build --build-tests
	SWIFT='$(SWIFT)' .ci/run-tests

lint:
	$(SWIFT) format lint --strict -r Sources Tests Package.swift Examples/CopyExample/Sources \
	  bench/micro/Sources bench/micro/Benchmarks bench/micro/Package.swift

check-portable: build
	.ci/check-portable

examples: deps
	.ci/check-examples

# Other programs to be measured beside; one that is missing is named in the report. Debian's matplotlib is for Debian's
# Python; another one gets PyPI's.
bench-deps:
	@missing=""; \
	for pair in fio:fio rsync:rsync fpsync:fpart pv:pv mkfs.xfs:xfsprogs mkfs.btrfs:btrfs-progs cc:gcc python3:python3; do \
	  command -v $${pair%%:*} >/dev/null 2>&1 || [ -x /sbin/$${pair%%:*} ] || [ -x /usr/sbin/$${pair%%:*} ] \
	    || missing="$$missing $${pair##*:}"; done; \
	[ -x /usr/lib/cargo/bin/coreutils/cp ] || missing="$$missing rust-coreutils"; \
	python3 -c 'import sys; sys.exit(sys.prefix != "/usr")' && ! python3 -c 'import matplotlib' 2>/dev/null \
	  && missing="$$missing python3-matplotlib"; \
	[ -z "$$missing" ] || { $(SUDO) apt-get update -qq \
	  && $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; }
	@python3 -c 'import matplotlib' 2>/dev/null || [ -d .build/matplotlib/matplotlib ] \
	  || pip3 install -q --target .build/matplotlib matplotlib 2>/dev/null \
	  || echo "matplotlib is not to be had: the results come without plots"

# ext4 whole, the other file systems with the scenarios that tell them apart; goes on where one ends with an error.
bench: release bench-deps
	@status=0; for options in "--fs ext4" "--fs xfs --short" "--fs btrfs --short" "--fs tmpfs --short"; do \
	  for benchmark in large many; do \
	    echo "bench/$$benchmark/run $$options $(BENCH_OPTIONS)"; \
	    bench/$$benchmark/run $$options $(BENCH_OPTIONS) || status=1; done; done; \
	for options in "--fs ext4" "--fs tmpfs"; do bench/scaling/run $$options $(BENCH_OPTIONS) || status=1; done; \
	bench/summary/run && exit $$status

# To try, not to quote.
bench-quick: release bench-deps
	bench/large/run --quick
	bench/many/run --quick

# Instructions first, which do not depend on what else runs here; then times, which do.
.PHONY: bench-micro
bench-micro: deps
	@command -v valgrind >/dev/null 2>&1 || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq valgrind; }
	SWIFT='$(SWIFT)' bench/micro/instructions
	$(SWIFT) package --package-path bench/micro benchmark

clean:
	rm -rf .build Examples/CopyExample/.build bench/micro/.build
