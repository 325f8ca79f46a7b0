/** Completion for bash. */
import type { Command, Completion } from "./command.ts";

/** The script; bash takes it from a file or by `source <(banjo completions bash)`. */
export function bashScript(commands: readonly Command[]): string {
  return `# bash completion for banjo, made by \`banjo completions bash\`

# What may stand behind a command and a word: words, or @files, @folders, @jails, @banned.
_banjo_offers() {
  case $1 in
    '') echo ${[...commands.map(({ name }) => name), "help"].join(" ")} ;;
    help) echo '|${commands.map(({ name }) => name).join(" ")}' ;;
${commands.map(casesOf).join("\n")}
  esac
}

_banjo() {
  # Read anew, since bash takes addresses apart at their colons.
  local line=\${COMP_LINE:0:COMP_POINT} current previous command offers
  local -a words
  # Without -r: a blank behind a backslash parts no words.
  read -a words <<<"$line"
  [[ $line == *[[:space:]] && $line != *\\[[:space:]] ]] && words+=("")
  current=\${words[-1]}
  previous=\${words[-2]}
  ((\${#words[@]} > 2)) && command=\${words[1]}
  if [[ $current == --*=* ]]; then
    previous=\${current%%=*}
    current=\${current#*=}
  fi
  offers=$(_banjo_offers "$command" "$previous")
  if [[ $offers == *"|"* && $current != -* ]]; then offers=\${offers#*|}; else offers=\${offers%%|*}; fi
  case $offers in
    # Names of files bash completes by itself, whatever is in them.
    @files) compopt -o default; return ;;
    @folders) compopt -o dirnames; return ;;
    @*) offers=$(banjo completions "\${offers#@}" "$current" 2>/dev/null) ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$offers" -- "$current")
  # Of the word bash replaces what stands behind the last colon only.
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${current%"\${current##*:}"}"}")
  fi
}

complete -F _banjo banjo`;
}

/** What a command takes: behind a flag its value, elsewhere `FLAGS|OPERANDS`. */
function casesOf({ name, flags, offers }: Command): string {
  const values = Object.entries(flags).filter(([, { value }]) => value !== undefined)
    .map(([flag, { offers }]) => `        --${flag}) echo '${wordsOf(offers)}' ;;`);
  const names = [...Object.keys(flags), "help"].map((flag) => `--${flag}`).join(" ");
  return [
    `    ${name})`,
    "      case $2 in",
    ...values,
    `        *) echo '${names}|${wordsOf(offers)}' ;;`,
    "      esac",
    "      ;;",
  ].join("\n");
}

function wordsOf(offers: Completion | undefined): string {
  if (offers === undefined) return "";
  return typeof offers === "string" ? `@${offers}` : offers.join(" ");
}
