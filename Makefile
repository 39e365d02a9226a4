# Every target is a command of ./run, which also explains itself: ./run help
.PHONY: start setup test lock
start setup test lock:
	@./run $@
