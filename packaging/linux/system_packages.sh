#!/bin/sh
# Install the system packages that Qt and the build of hnswlib need; without the right to do so, say what to run.
# After the word `package` also those that a package is built and driven with.
set -eu

packages="python3-venv python3-dev g++ libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 \
libxcb-keysyms1 libxcb-shape0 libdbus-1-3 libfontconfig1 libgssapi-krb5-2"
[ "${1:-}" != package ] || packages="$packages binutils cmake dpkg-dev ninja-build xz-utils desktop-file-utils appstream xvfb \
xdotool libwayland-client0 libwayland-cursor0 libwayland-egl1"

command -v dpkg-query >/dev/null 2>&1 || exit 0 # not Debian: the README names what is needed

missing=""
for package in $packages; do
    case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)" in
    *" installed") ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

line="apt-get update && apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "PhotoSim needs these system packages. Please run, then start again:" >&2
    echo "  sudo sh -c '$line'" >&2
    exit 1
fi
$as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
