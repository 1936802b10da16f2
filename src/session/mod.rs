//! An open database: workers, caches and jobs in flight.
