#!/bin/sh
# Run a command that opens windows.
#
#   with_window.sh run COMMAND...         under a virtual display (nothing flashes on the screen)
#   with_window.sh demo NAPARI_CMR SCAN   on the screen; without one, under a virtual display,
#                                         leaving pictures in demo/ (SCAN may be empty)
set -eu

has_screen() {
    [ "$(uname)" != Linux ] || [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]
}

has_virtual_screen() {
    [ "$(uname)" = Linux ] && command -v xvfb-run >/dev/null && command -v xauth >/dev/null
}

virtually() {
    # The software renderer draws the same picture on every machine.
    LIBGL_ALWAYS_SOFTWARE=1 QT_QPA_PLATFORM=xcb \
        xvfb-run -a -s "-screen 0 1920x1080x24 -nolisten tcp" "$@"
}

mode=$1
shift
case $mode in
run)
    if has_virtual_screen; then
        virtually "$@"
    elif has_screen; then
        "$@"
    else
        echo "-- neither a display nor a virtual one here: what needs one is skipped"
        QT_QPA_PLATFORM=offscreen "$@"
    fi
    ;;
demo)
    program=$1
    scan=${2:-}
    set -- demo
    if [ -n "$scan" ]; then
        set -- demo "$scan"
    else
        echo "-- this heart is computed; a real one: make demo SCAN=ACDC/training/patient001," \
            "free at https://humanheart-project.creatis.insa-lyon.fr/database"
    fi
    if has_screen; then
        "$program" "$@"
    elif has_virtual_screen; then
        echo "-- no display here: drawing the window on a virtual one"
        mkdir -p demo
        virtually "$program" "$@" --screenshots demo
        echo "-- pictures of the window are in $(pwd)/demo:"
        ls demo
    else
        echo "-- neither a display nor a virtual one here, so no window can be drawn (see above)" >&2
        exit 1
    fi
    ;;
esac
