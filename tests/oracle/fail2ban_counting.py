"""Whom fail2ban bans: its own server reads a configuration folder, and each jail's log with the log's time as clock.

[folder, {jail: [[time, attacker or null, line], ...]}] as JSON in. Out, for each jail: the lines that a machine would have
written, since fail2ban keeps out whom it has banned; the failures it counted; its bans; and where it did not simply count.
"""
import json
import logging
import os
import sys
import time
import types

sys.path.insert(0, "/usr/lib/python3/dist-packages")
os.environ["TZ"] = "UTC"
time.tzset()
logging.disable(logging.CRITICAL)

from fail2ban.client.configurator import Configurator
from fail2ban.server import utils
from fail2ban.server.ipdns import IPAddr
from fail2ban.server.mytime import MyTime
from fail2ban.server.observer import Observers, ObserverThread
from fail2ban.server.server import Server
from fail2ban.server.transmitter import Transmitter

# What fail2ban keeps of sessions grows old by this clock.
utils.time = types.SimpleNamespace(**vars(time))
utils.time.time = MyTime.time


class Observer(ObserverThread):
    """Does at once what fail2ban leaves to a thread."""

    def add(self, name, *args):
        getattr(self, name)(*args)

    def add_timer(self, *args):
        pass


class Record:
    """What comes of one jail's log."""

    def __init__(self, jail):
        self.jail = jail
        self.at = None
        self.kept, self.failures, self.estimated, self.boosted, self.bans = [], [], [], [], []
        jail.isAlive = lambda: True
        self.count = jail.filter.failManager.addFailure
        jail.filter.failManager.addFailure = self.add_failure
        self.ban = jail.actions.banManager.addBanTicket
        jail.actions.banManager.addBanTicket = self.add_ban

    def add_failure(self, ticket, count=1, observed=False):
        counter, host, now = self.jail.filter.failManager, str(ticket.getID()), ticket.getTime()
        if observed:
            self.boosted.append([self.at, host])
        else:
            self.failures.append([self.at, now, host])
            known = counter._FailManager__failList.get(ticket.getID())
            # Here it takes a rate for the number of failures.
            if known and now > known.getTime() and known._firstTime < now - counter.getMaxTime():
                self.estimated.append([self.at, host])
        return self.count(ticket, count, observed)

    def add_ban(self, ticket, reason={}):
        is_new = self.ban(ticket, reason)
        if is_new:
            self.bans.append([self.at, ticket])
        return is_new

    def read(self, log):
        jail, actions = self.jail, self.jail.actions
        for self.at, (now, attacker, line) in enumerate(log):
            MyTime.setTime(now)
            actions._Actions__checkUnBan(1 << 30)
            if attacker is not None and IPAddr(attacker) in actions.banManager.getBanList():
                continue
            self.kept.append(self.at)
            jail.filter.processLineAndAdd(line)
            actions._Actions__checkBan()
            jail.filter.performSvc()

    def result(self):
        default = self.jail.actions.getBanTime()
        bans = [
            [at, ticket.getTime(), str(ticket.getID()), ticket.getEndOfBanTime(default)]
            for at, ticket in self.bans
        ]
        names = ("kept", "failures", "estimated", "boosted")
        return {"bans": bans, **{name: getattr(self, name) for name in names}}


def start_server(folder):
    configurator = Configurator()
    configurator.setBaseDir(folder)
    configurator.readAll()
    configurator.getOptions()
    configurator.convertToProtocol()
    server = Server()
    transmitter = Transmitter(server)
    commands = [
        command
        for command in configurator.getConfigStream()
        if command[0] in ("add", "set", "multi-set")
        and len(command) > 3 - (command[0] == "add")
        and command[2] not in ("addaction", "action")
    ]
    for command in [["set", "dbfile", ":memory:"], *commands]:
        failed, answer = transmitter.proceed(command)
        if failed:
            raise RuntimeError("%r: %r" % (command, answer))
    Observers.Main = Observer()
    return server


folder, logs = json.load(sys.stdin)
MyTime.setTime(min(log[0][0] for log in logs.values()))
server = start_server(folder)
results = {}
for name, log in logs.items():
    record = Record(server._Server__jails[name])
    record.read(log)
    results[name] = record.result()
json.dump(results, sys.stdout)
