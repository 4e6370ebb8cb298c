# Completion of godwit for bash. It asks the program itself what it understands, so it is as true as
# --help.

# Prints what can follow these words: options and subcommands, a line each.
_godwit_words() {
    "$@" --help 2>/dev/null | awk '
        /^[A-Z][a-z]+:$/ { part = $1; next }
        /^[^ ]/ { part = "" }
        part == "Options:" && /^  -/ {
            split($1, names, ",")
            for (i in names) print names[i]
        }
        part == "Subcommands:" && /^  [a-z]/ { print $1 }'
}

_godwit() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    [[ $current == -* ]] || case $previous in
        -c | --config | --token-file | import-mosquitto | passwd)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --data-dir)
            mapfile -t COMPREPLY < <(compgen -d -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --log-level)
            mapfile -t COMPREPLY < <(compgen -W "trace debug info warning error" -- "$current")
            return
            ;;
        -q | --qos)
            mapfile -t COMPREPLY < <(compgen -W "0 1 2" -- "$current")
            return
            ;;
        --listen | --set | --url | --token | --client | --match) return ;;
    esac

    # The subcommands among the words before: each is one that its predecessors know.
    local command=("${COMP_WORDS[0]}") word words
    words=$(_godwit_words "${command[@]}")
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ $word == [a-z]* && $'\n'$words$'\n' == *$'\n'"$word"$'\n'* ]]; then
            command+=("$word")
            words=$(_godwit_words "${command[@]}")
        fi
    done
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _godwit godwit
