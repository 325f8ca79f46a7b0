/** Published lists of addresses that are kept out. */
export { fetchedName } from "./fetched.ts";
export { LARGEST_LIST, type ParsedList, parseList } from "./parse.ts";
