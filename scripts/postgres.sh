#!/usr/bin/env bash
# A private PostgreSQL for tests and measurements, in a folder of its own on a free port.
#   scripts/postgres.sh start FOLDER   prints the address of its database `postgres`
#   scripts/postgres.sh stop FOLDER    stops that server, by the process id it wrote, and deletes the folder
# TONGBAN_TEST_FSYNC=off makes tests faster; durability is never measured that way.
set -euo pipefail

bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin -type d 2>/dev/null | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "PostgreSQL is missing: scripts/install.sh postgresql" >&2; exit 1; }

# PostgreSQL refuses to run as root; Debian's package brings the account.
if [ "$(id -u)" = 0 ]; then
    as_server() { (cd / && timeout 120 runuser -u postgres -- "$@"); }
else
    as_server() { (cd / && timeout 120 "$@"); }
fi

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
    local folder=$1 port
    mkdir -p "$folder"
    [ "$(id -u)" != 0 ] || chown postgres "$folder"
    as_server "$bin/initdb" -D "$folder/data" --locale=C --encoding=UTF8 -U postgres -A trust >"$folder.log" 2>&1 ||
        { cat "$folder.log" >&2; exit 1; }
    # The port may be taken between asking and starting: try again with another.
    for _ in 1 2 3; do
        port=$(free_port)
        if as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -t 60 start -o \
            "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder \
             -c max_connections=200 -c fsync=${TONGBAN_TEST_FSYNC:-on}" >>"$folder.log" 2>&1 </dev/null; then
            echo "postgres://postgres@127.0.0.1:$port/postgres"
            return 0
        fi
    done
    cat "$folder.log" "$folder/server.log" >&2
    exit 1
}

stop() {
    local folder=$1
    if [ -s "$folder/data/postmaster.pid" ]; then
        as_server "$bin/pg_ctl" -D "$folder/data" -m immediate -w -t 60 stop >/dev/null 2>&1 ||
            kill -KILL "$(head -n 1 "$folder/data/postmaster.pid")" 2>/dev/null || true
    fi
    rm -rf -- "$folder" "$folder.log"
}

case "${1:-} ${2:-}" in
"start /"*) start "$2" ;;
"stop /"*) stop "$2" ;;
*)
    echo "usage: scripts/postgres.sh start|stop /FOLDER" >&2
    exit 2
    ;;
esac
