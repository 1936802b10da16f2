// The example shop as one function of JavaScript, for the database that Emmett wrote.

import { bank_account, inventory_item, shopping_order } from './shop.mjs';

const deciders = { bank_account, inventory_item, shopping_order };

export const evolve = (state, event) => deciders[event.aggregate_type].evolve(state, event);
