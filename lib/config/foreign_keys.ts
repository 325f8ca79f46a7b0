/** Keys of fail2ban's that its users will write by habit, and what to do in their place. */
export const foreignKeys: ReadonlyMap<string, string> = new Map([
  ["logpath", "banjo calls it `files`"],
  ["port", "banjo calls it `ports`"],
  ["banaction", "banjo calls it `firewall`"],
  ["banaction_allports", "jails without `ports` close all; `firewall` says how"],
  ["action", "`firewall` says where bans go"],
  ["backend", "`files` reads log files, `journalmatch` the journal"],
  ["mode", 'it is an option of the filter: `filter = "NAME[mode=...]"`'],
  ["logencoding", "logs are read as UTF-8, whatever else is in them"],
  ["skip_if_nologs", "a log that is missing never stops banjo"],
  ["systemd_if_nologs", "a log that is missing never stops banjo"],
  ["ignorecommand", "banjo has `ignoreip` and `ignoreself`"],
  ["chain", "banjo has a table of its own"],
  ["dbpurgeage", "banjo calls it `memory`, in `bantime_increment`"],
  ["loglevel", "banjo calls it `log_level`, in [agent] of banjo.toml"],
  ["bantime.increment", "banjo calls it `bantime_increment`"],
  ...["factor", "multipliers", "maxtime", "rndtime", "overalljails"].map((
    key,
  ) => [`bantime.${key}`, `banjo calls it \`${key}\`, in \`bantime_increment\``] as const),
  ["bantime.formula", "banjo has `factor` and `multipliers`, in `bantime_increment`"],
]);
