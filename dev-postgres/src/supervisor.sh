# Runs one server for as long as standard input stays open, then removes it with its private directory.
# The owner holds the other end of standard input, so its end, however it comes, is seen here.
dir=$1 data=$2 bin=$3 signal=$4 initdb_options=$5
shift 5
umask 077
mkdir "$dir" || exit 1
exec 3<&0 </dev/null >"$dir/log" 2>&1

finish() {
    echo "$1" >"$dir/exited"
    wait
    rm -rf "$dir"
    exit
}

read -r password <&3
if [ ! -e "$data" ]; then
    printf '%s\n' "$password" >"$dir/password"
    rm -rf "$data.new"
    # Renamed when complete: an interrupted initdb leaves something that looks like a cluster.
    # shellcheck disable=SC2086
    "$bin/initdb" --pgdata="$data.new" --pwfile="$dir/password" $initdb_options 3<&- && mv "$data.new" "$data" || {
        read -r _ <&3 &
        finish initdb
    }
    rm "$dir/password"
    : >"$dir/log"
fi

"$bin/postgres" -D "$data" "$@" 3<&- &
postgres=$!
echo "$postgres" >"$dir/pid"
{
    read -r _ <&3
    # More than once, because a server that is only starting may not listen to signals yet.
    while [ ! -e "$dir/exited" ] && kill -s "$signal" "$postgres" 2>/dev/null; do sleep 0.02; done
} &
wait "$postgres"
finish $?
