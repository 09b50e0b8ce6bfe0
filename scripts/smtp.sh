#!/usr/bin/env bash
# A private SMTP server for tests, in a folder of its own on free ports.
#   scripts/smtp.sh start FOLDER   prints its addresses: plain, STARTTLS, TLS; certificates are of FOLDER/ca.pem
#   scripts/smtp.sh stop FOLDER    ends that server, by the process id it wrote, and deletes the folder
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${TONGBAN_SMTP_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/tongban/smtp}/bin/python
[ -x "$python" ] || { echo "the SMTP server is missing: scripts/install.sh smtp" >&2; exit 1; }

# One authority for this run and one certificate for localhost; both die with the folder.
certificates() {
    local folder=$1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=tongban test" \
        -addext "basicConstraints=critical,CA:TRUE" -keyout "$folder/ca.key" -out "$folder/ca.pem" 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=localhost" \
        -keyout "$folder/server.key" -out "$folder/server.csr" 2>/dev/null
    openssl x509 -req -in "$folder/server.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -days 2 \
        -extfile <(printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n') \
        -out "$folder/server.pem" 2>/dev/null
}

start() {
    local folder=$1
    mkdir -p "$folder"
    certificates "$folder"
    "$python" "$here/smtp.py" "$folder" >"$folder/addresses" 2>"$folder/log" </dev/null &
    echo $! >"$folder/pid"
    for _ in $(seq 100); do
        [ "$(wc -l <"$folder/addresses")" -lt 3 ] || { cat "$folder/addresses"; return 0; }
        kill -0 "$(cat "$folder/pid")" 2>/dev/null || break
        sleep 0.1
    done
    cat "$folder/log" >&2
    exit 1
}

stop() {
    local folder=$1
    [ ! -s "$folder/pid" ] || kill -TERM "$(cat "$folder/pid")" 2>/dev/null || true
    rm -rf -- "$folder"
}

case "${1:-} ${2:-}" in
"start /"*) start "$2" ;;
"stop /"*) stop "$2" ;;
*)
    echo "usage: scripts/smtp.sh start|stop /FOLDER" >&2
    exit 2
    ;;
esac
