//! What integrators depend on: codes, discriminants and layouts do not change by accident.
