/** Published lists of addresses that are kept out. */
export { LARGEST_LIST, type ParsedList, parseList } from "./parse.ts";
