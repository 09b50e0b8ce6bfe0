# shellcheck shell=bash
# To be sourced: a demo on a free port in an empty data folder, ended by its own process id.
#   demo_start PROGRAM SECONDS [ARGUMENTS…]   sets demo_url, demo_pid, demo_data
#   demo_stop

demo_start() {
    local program=$1 limit=$2 port began
    shift 2
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    demo_data=$(mktemp -d /tmp/tongban-demo.XXXXXX)
    demo_url=http://127.0.0.1:$port
    began=$(date +%s%N)
    "$program" serve --demo --data "$demo_data" --listen "127.0.0.1:$port" "$@" >"$demo_data.log" 2>&1 </dev/null &
    demo_pid=$!
    until curl -sf -m 2 -o /dev/null "$demo_url/healthz"; do
        if ! kill -0 "$demo_pid" 2>/dev/null || [ $(($(date +%s%N) - began)) -gt $((limit * 1000000000)) ]; then
            echo "the demo is not ready after at most $limit s:" >&2
            tail -n 40 "$demo_data.log" >&2
            demo_stop
            return 1
        fi
        sleep 0.05
    done
    # shellcheck disable=SC2034 # read by whoever sources this
    demo_ready_ms=$((($(date +%s%N) - began) / 1000000))
}

demo_end() {
    [ -n "${demo_pid:-}" ] || return 0
    kill -TERM "$demo_pid" 2>/dev/null || true
    for _ in $(seq 100); do
        kill -0 "$demo_pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$demo_pid" 2>/dev/null || true
    wait "$demo_pid" 2>/dev/null || true
    demo_pid=
}

demo_stop() {
    demo_end
    [ -n "${demo_data:-}" ] || return 0
    rm -rf -- "$demo_data" "$demo_data.log"
}
