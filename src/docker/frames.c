/* Taking a stream's frames apart: one byte of channel, three of nothing, four of length, and so many bytes.
 */
#include "docker/client.h"

#define HEAD 8

static size_t frame_len(const unsigned char *head)
{
	return (size_t)head[4] << 24 | (size_t)head[5] << 16 | (size_t)head[6] << 8 | head[7];
}

/* Adds to the frame until it is `want` bytes long. Returns how many bytes that took. */
static size_t fill(struct zpm_buf *frame, size_t want, const char *data, size_t len)
{
	size_t lacks = want > frame->len ? want - frame->len : 0;

	if (lacks > len)
		lacks = len;
	zpm_buf_add(frame, data, lacks);
	return lacks;
}

static int take_frame(struct zpm_docker_frames *frames, struct zpm_err *err)
{
	const struct zpm_docker_stream *stream = frames->stream;
	const char *text = frames->frame.data + HEAD;
	size_t len = frames->frame.len - HEAD;
	unsigned char channel = (unsigned char)frames->frame.data[0];
	char words[ZPM_DOCKER_QUOTE_SIZE];

	if (channel == ZPM_CHANNEL_SYSTEM) {
		zpm_docker_quote(text, len, words);
		return zpm_err_set(err, ZPM_EFAILED, "the Engine broke off the stream: %s", words);
	}
	frames->enough =
		len && !stream->take(stream->ctx,
			       channel == ZPM_CHANNEL_ERR ? ZPM_CHANNEL_ERR : ZPM_CHANNEL_OUT, text, len);
	zpm_buf_clear(&frames->frame);
	return 0;
}

int zpm_docker_frames_feed(
	struct zpm_docker_frames *frames, const char *data, size_t len, struct zpm_err *err)
{
	const struct zpm_docker_stream *stream = frames->stream;

	if (stream->raw) {
		frames->enough = len && !stream->take(stream->ctx, ZPM_CHANNEL_OUT, data, len);
		return 0;
	}
	while (len && !frames->enough) {
		size_t used = fill(&frames->frame, HEAD, data, len), body;

		data += used;
		len -= used;
		if (frames->frame.len < HEAD)
			return 0;
		body = frame_len((const unsigned char *)frames->frame.data);
		if ((unsigned char)frames->frame.data[0] > ZPM_CHANNEL_SYSTEM || body > ZPM_DOCKER_MAX_FRAME)
			return zpm_err_set(err, ZPM_EFAILED,
				"the Engine's stream is not made of frames as it should be");
		used = fill(&frames->frame, HEAD + body, data, len);
		data += used;
		len -= used;
		if (frames->frame.len == HEAD + body && take_frame(frames, err) < 0)
			return -1;
	}
	return 0;
}
