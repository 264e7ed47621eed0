/* What systemd is told of a service's state; see sd_notify(3) for the protocol. */
#ifndef ZPM_CLI_NOTIFY_H
#define ZPM_CLI_NOTIFY_H

/* "READY=1", or lines of the like. Nothing happens without systemd. */
void zpm_notify(const char *state);

#endif
