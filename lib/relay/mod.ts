/** What speaks to the world in the agent's place: messages out, published lists in. A process of its own, with rights of its own. */
export { carry, type CourierOptions } from "./courier.ts";
export { deliver, urlOf } from "./deliver.ts";
export { askForLists, type FetchEnd, fetchLists, isUrl } from "./fetch_list.ts";
export { testMessage } from "./message.ts";
