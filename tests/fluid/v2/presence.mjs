// Presence is a part of generation 2.x.
export { getPresence, StateFactory } from "fluid-framework/beta";
