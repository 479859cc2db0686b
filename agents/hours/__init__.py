"""When people work: calendars, their holidays, and which of them counts where."""
