/** Completion for zsh. */
import type { Command, Completion, Flag } from "./command.ts";

/** The script; zsh loads it as `_banjo` from a folder in its `fpath`. */
export function zshScript(commands: readonly Command[]): string {
  return `#compdef banjo
# zsh completion for banjo, made by \`banjo completions zsh\`

# What _arguments adds to a call is meant for compadd.
_banjo_jails() { _banjo_names jails "$@" }
_banjo_banned() { _banjo_names banned "$@" }
_banjo_names() {
  local what=$1
  local -a names
  shift
  names=(\${(f)"$(banjo completions $what "$PREFIX" 2>/dev/null)"})
  compadd "$@" -a names
}

_banjo() {
  local state line
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join("\n")}
    'help:Tell how a command is used'
  )
  _arguments -C '1: :->command' '*:: :->words'
  case $state in
    command) _describe command commands ;;
    words)
      case $words[1] in
        help) _describe command commands ;;
${commands.map(argumentsOf).join("\n")}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _banjo ]]; then _banjo "$@"; else compdef _banjo banjo; fi`;
}

function argumentsOf({ name, operands, offers, flags }: Command): string {
  const specs = [
    ...Object.entries(flags).map(([flag, about]) => specOf(flag, about)),
    specOf("help", { about: "print this" }),
    ...operands === ""
      ? []
      : [quote(`*:${operands.replaceAll(/[^A-Z ]/g, "")}:${actionOf(offers)}`)],
  ];
  return [
    `        ${name})`,
    "          _arguments \\",
    specs.map((spec) => `            ${spec}`).join(" \\\n"),
    "          ;;",
  ].join("\n");
}

function specOf(name: string, { about, value, offers, many }: Flag): string {
  const text = about.replaceAll(/[[\]\\:]/g, "\\$&");
  const times = many ? "*" : "";
  return quote(
    value === undefined
      ? `${times}--${name}[${text}]`
      : `${times}--${name}=[${text}]:${value}:${actionOf(offers)}`,
  );
}

function actionOf(offers: Completion | undefined): string {
  if (offers === undefined) return " ";
  if (typeof offers !== "string") return `(${offers.join(" ")})`;
  return {
    files: "_files",
    folders: "_files -/",
    jails: "_banjo_jails",
    banned: "_banjo_banned",
  }[offers];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
