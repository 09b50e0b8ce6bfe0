#!/usr/bin/env bash
# Installs what is missing from Debian's packages, and nothing that is there: scripts/install.sh fonts postgresql …
set -euo pipefail

updated=no
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@" || sudo "$@"; fi
}

apt() {
    local options=(-y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
    echo "installing: $*"
    if [ "$updated" = no ]; then
        as_root env DEBIAN_FRONTEND=noninteractive timeout 600 \
            apt-get update -q -o DPkg::Lock::Timeout=300 </dev/null >/dev/null
        updated=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive timeout 1200 apt-get install "${options[@]}" "$@" </dev/null >/dev/null
}

has() { command -v "$1" >/dev/null 2>&1; }

# Fails when nothing matches, whatever the shell does with patterns.
exists() { compgen -G "$1" >/dev/null; }

for want in "$@"; do
    case "$want" in
    build)
        has cc || apt gcc libc6-dev
        has cargo || { echo "Rust is missing: install it with rustup (rustup.rs), then run this again" >&2; exit 1; }
        ;;
    fonts)
        exists '/usr/share/fonts/opentype/noto/NotoSerifCJK-*.ttc' ||
            { has fc-list && [ -n "$(fc-list 'Noto Serif CJK SC')" ]; } ||
            apt fonts-noto-cjk
        ;;
    postgresql)
        if ! exists '/usr/lib/postgresql/*/bin/initdb'; then
            # Only the programs are wanted; Debian's own cluster would occupy port 5432 without being asked.
            if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
                apt postgresql-common
                as_root sed -ri 's/^#?[[:space:]]*create_main_cluster.*/create_main_cluster = false/' \
                    /etc/postgresql-common/createcluster.conf
            fi
            apt postgresql
        fi
        ;;
    poppler) { has pdftotext && has pdftoppm && has pdffonts; } || apt poppler-utils ;;
    openssl) has openssl || apt openssl ;;
    chromium) { has chromium || has google-chrome; } || apt chromium ;;
    curl) has curl || apt curl ca-certificates ;;
    strace) has strace || apt strace ;;
    smtp)
        # An independent SMTP server for the tests of mail, in an environment of its own (Apache-2.0, pure Python).
        venv=${TONGBAN_SMTP_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/tongban/smtp}
        if ! "$venv/bin/python" -c 'import aiosmtpd' 2>/dev/null; then
            python3 -c 'import venv, ensurepip' 2>/dev/null || apt python3-venv
            python3 -m venv "$venv"
            timeout 300 "$venv/bin/pip" install --quiet --disable-pip-version-check aiosmtpd==1.4.6 </dev/null
        fi
        ;;
    node)
        has node || apt nodejs npm
        has npm || apt npm
        major=$(node --version | sed -E 's/^v([0-9]+).*/\1/')
        [ "$major" -ge 18 ] || { echo "node 18 or later is needed, this is $(node --version)" >&2; exit 1; }
        ;;
    *)
        echo "scripts/install.sh knows no \"$want\"" >&2
        exit 2
        ;;
    esac
done
