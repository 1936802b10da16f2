// The deciders of the example shop, with Emmett. Its database is tests/fixtures/node_emmett_0_42.db.

import { IllegalStateError } from '@event-driven-io/emmett';

const unknown = (type) => {
  throw new IllegalStateError(`the shop has no event ${type}`);
};

export const inventory_item = {
  initialState: () => ({}),
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'ItemRegistered':
        return { ...data, reserved: 0, reservations: {} };
      case 'ItemRenamed':
        return { ...state, name: data.name };
      case 'StockReserved': {
        const held = (state.reservations[data.order_id] ?? 0) + data.qty;
        return {
          ...state,
          reserved: state.reserved + data.qty,
          reservations: { ...state.reservations, [data.order_id]: held },
        };
      }
      case 'StockReleased': {
        const { [data.order_id]: held, ...others } = state.reservations;
        const left = held - data.qty;
        return {
          ...state,
          reserved: state.reserved - data.qty,
          reservations: left > 0 ? { ...state.reservations, [data.order_id]: left } : others,
        };
      }
      default:
        return unknown(type);
    }
  },
};

export const bank_account = {
  initialState: () => ({}),
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'AccountOpened':
        return { ...data };
      case 'FundsDeposited':
        return { ...state, balance_cents: state.balance_cents + data.amount_cents };
      case 'FundsWithdrawn':
        return { ...state, balance_cents: state.balance_cents - data.amount_cents };
      default:
        return unknown(type);
    }
  },
};

export const shopping_order = {
  initialState: () => ({}),
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'OrderPlaced':
        return { ...data, status: 'open', lines: {} };
      case 'LineAdded': {
        const { line_id, ...line } = data;
        return { ...state, lines: { ...state.lines, [line_id]: line } };
      }
      case 'LineRemoved': {
        const { [data.line_id]: _, ...lines } = state.lines;
        return { ...state, lines };
      }
      case 'OrderConfirmed':
        return { ...state, status: 'confirmed', payment: data.payment };
      default:
        return unknown(type);
    }
  },
};
