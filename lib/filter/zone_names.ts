/**
 * Milliseconds that a zone abbreviation is ahead of UTC, as RFC 2822 and common use have them; where several zones share
 * one, the most populous is meant. undefined for unknown ones.
 */
export function offsetOfName(name: string): number | undefined {
  const hours = HOURS[name.toUpperCase()];
  return hours === undefined ? undefined : hours * 3_600_000;
}

const HOURS: Readonly<Record<string, number>> = {
  ...{ Z: 0, UTC: 0, GMT: 0, UT: 0, WET: 0 },
  ...{ WEST: 1, BST: 1, CET: 1, MET: 1, WAT: 1 },
  ...{ CEST: 2, MEST: 2, EET: 2, CAT: 2, SAST: 2 },
  ...{ EEST: 3, MSK: 3, EAT: 3, TRT: 3, IDT: 3 },
  ...{ GST: 4, SAMT: 4, IRST: 3.5, IRDT: 4.5, AFT: 4.5 },
  ...{ PKT: 5, UZT: 5, YEKT: 5, IST: 5.5, NPT: 5.75, OMST: 6, BDT: 6, MMT: 6.5 },
  ...{
    ICT: 7,
    WIB: 7,
    KRAT: 7,
    NOVT: 7,
    HKT: 8,
    SGT: 8,
    PHT: 8,
    MYT: 8,
    AWST: 8,
    IRKT: 8,
    WITA: 8,
  },
  ...{ JST: 9, KST: 9, YAKT: 9, WIT: 9, ACST: 9.5, ACDT: 10.5 },
  ...{ AEST: 10, CHST: 10, VLAT: 10, AEDT: 11, SRET: 11, MAGT: 11, NZST: 12, NZDT: 13, PETT: 12 },
  ...{
    AZOT: -1,
    FNT: -2,
    BRT: -3,
    BRST: -2,
    ART: -3,
    CLST: -3,
    UYT: -3,
    ADT: -3,
    NST: -3.5,
    NDT: -2.5,
  },
  ...{
    AST: -4,
    CLT: -4,
    BOT: -4,
    VET: -4,
    EDT: -4,
    EST: -5,
    COT: -5,
    PET: -5,
    CDT: -5,
    CST: -6,
    MDT: -6,
  },
  ...{ MST: -7, PDT: -7, PST: -8, AKDT: -8, AKST: -9, HDT: -9, HST: -10, SST: -11 },
};

/** All abbreviations known. */
export const zoneNames: readonly string[] = Object.keys(HOURS);
