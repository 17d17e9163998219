package bounce

import (
	"postbag/internal/campaign"
)

// sesEvent is what SES publishes, as far as it is read.
type sesEvent struct {
	Notification string `json:"notificationType"`
	Event        string `json:"eventType"` // where a configuration set publishes it
	Mail         struct {
		ID      string `json:"messageId"` // SES's own
		Source  string `json:"source"`    // the envelope's sender
		Headers struct {
			ID string `json:"messageId"` // ours, which SES replaces
		} `json:"commonHeaders"`
	} `json:"mail"`
	Bounce struct {
		Type       string         `json:"bounceType"`
		Subtype    string         `json:"bounceSubType"`
		Feedback   string         `json:"feedbackId"`
		Recipients []sesRecipient `json:"bouncedRecipients"`
	} `json:"bounce"`
	Delay struct {
		Type       string         `json:"delayType"`
		Timestamp  string         `json:"timestamp"`
		Recipients []sesRecipient `json:"delayedRecipients"`
	} `json:"deliveryDelay"`
	Complaint struct {
		Subtype string `json:"complaintSubType"`
	} `json:"complaint"`
	Reject struct {
		Reason string `json:"reason"`
	} `json:"reject"`
}

type sesRecipient struct {
	Action     string `json:"action"`
	Status     string `json:"status"`
	Diagnostic string `json:"diagnosticCode"`
}

// sesSubtypes are the status codes that the kinds of a bounce come nearest to.
var sesSubtypes = map[string]string{
	"NoEmail": "5.1.1", "Suppressed": "5.1.1", "OnAccountSuppressionList": "5.1.1", "MailboxFull": "5.2.2",
	"MessageTooLarge": "5.3.4", "ContentRejected": "5.7.1", "AttachmentRejected": "5.7.1",
}

// readSES reads what SES publishes; nil for what concerns no message of ours.
func readSES(raw []byte) (*campaign.Returned, error) {
	var e sesEvent
	if err := decode(raw, &e); err != nil {
		return nil, err
	}
	kind := e.Notification + e.Event
	r := &campaign.Returned{
		To: e.Mail.Source, MessageID: messageID(e.Mail.Headers.ID),
		Identity: hookIdentity(SES, kind, e.Mail.ID, e.Bounce.Feedback, e.Delay.Timestamp),
	}
	switch {
	case r.To == "" && r.MessageID == "":
		return nil, nil
	case kind == "Bounce":
		e.bounced(r)
	case kind == "DeliveryDelay":
		r.Kind = campaign.ReturnDelayed
		to := first(e.Delay.Recipients)
		reason(r, statusCode.FindString(to.Status), to.Diagnostic)
	case kind == "Reject", kind == "Complaint" && e.Complaint.Subtype != "": // SES did not send it
		failed(r, "", "5.7.1", e.Reject.Reason)
	case kind == "Delivery", kind == "Complaint": // whoever complains has it
		r.Kind = campaign.ReturnDelivered
	default:
		return nil, nil
	}
	return r, nil
}

// bounced fills in a bounce. SES calls automatic answers one too, a transient and
// general one of which no server said anything: that is no failure.
func (e sesEvent) bounced(r *campaign.Returned) {
	to := first(e.Bounce.Recipients)
	otherwise := sesSubtypes[e.Bounce.Subtype]
	if otherwise == "" && e.Bounce.Type != "Permanent" && to.Action != "failed" {
		r.Kind = campaign.ReturnDelayed
		reason(r, statusCode.FindString(to.Status), to.Diagnostic)
		return
	}
	if otherwise == "" && e.Bounce.Type == "Permanent" {
		otherwise = "5.0.0"
	}
	if otherwise == "" {
		otherwise = "4.0.0"
	}
	failed(r, to.Status, otherwise, to.Diagnostic)
}

// first is the recipient that counts: a letter has one.
func first(all []sesRecipient) sesRecipient {
	if len(all) == 0 {
		return sesRecipient{}
	}
	return all[0]
}
