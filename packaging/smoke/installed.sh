#!/bin/sh
# Install the Debian package with apt, drive it, use it as a person does, and take it away again:
#   sh packaging/smoke/installed.sh dist/photosim_*.deb PYTHON [OPTION OF THE SMOKE TEST ...]
# Needs root, or sudo. In the end nothing may be left but the library of the person.
set -eu
package=$(realpath "$1")
python=$2
shift 2
here=$(dirname "$(realpath "$0")")
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

listed() { # what lies on the system, but for what apt and dpkg note, and caches that are made of other files
    $as_root find /usr /etc /opt /var -xdev \( -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache \
        -o -path /var/log -o -path /var/tmp -o -path /usr/share/mime -o -name __pycache__ \) -prune -o -print |
        grep -v -e '/mimeinfo.cache$' -e '/icon-theme.cache$' | sort
}

# What it needs is not part of it: those packages come first, and stay.
needs=$(dpkg-deb -f "$package" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/,/ /g')
# shellcheck disable=SC2086 # a list of words
$as_root apt-get install -y -q --no-install-recommends $needs >"$work/needs.log"
if dpkg-query -W photosim >"$work/earlier" 2>&1; then
    $as_root apt-get purge -y -q photosim
fi
listed >"$work/before"
$as_root apt-get install -y -q --no-install-recommends "$package"
command -v photosim
photosim --version
desktop-file-validate /usr/share/applications/io.github.photosim.PhotoSim.desktop
appstreamcli validate --no-net /usr/share/metainfo/io.github.photosim.PhotoSim.metainfo.xml
(cd / && dpkg --verify photosim)

"$python" "$here" /usr/lib/photosim/photosim "$@"

mkdir "$work/home" "$work/photos"
PYTHONPATH=$here/../.. "$python" -c '
import sys
from pathlib import Path
from tests.folders import make_photos
make_photos(Path(sys.argv[1]), 5)' "$work/photos"
env -u XDG_DATA_HOME HOME="$work/home" photosim index "$work/photos"

$as_root apt-get purge -y -q photosim
listed >"$work/after"
if ! diff "$work/before" "$work/after"; then
    echo "That is left, or gone." >&2
    exit 1
fi
test -s "$work/home/.local/share/PhotoSim/library/library.db"
echo "kept: uninstalled, nothing is left but the library of the person"
